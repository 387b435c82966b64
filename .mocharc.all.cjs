const { ignore, ...all } = require('./.mocharc.json');

/** All tests: `npm run test:all`. What `npm test` leaves out tries what is published with the tools of others. */
module.exports = all;
