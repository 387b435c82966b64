import '../node_modules/@rxforce/cli/dist/bin.js';
