export default {
  target: 'node20',
  mode: 'production',
  entry: './src/main.js',
  output: { path: `${import.meta.dirname}/dist`, filename: 'main.cjs' },
  optimization: { minimize: false },
};
