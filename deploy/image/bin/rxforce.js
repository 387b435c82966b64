import '../node_modules/@rxforce/cli/bin/rxforce.js';
