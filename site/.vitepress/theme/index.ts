import DefaultTheme from 'vitepress/theme-without-fonts';
import './rxforce.css';

export default DefaultTheme;
