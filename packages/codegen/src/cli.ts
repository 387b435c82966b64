import { runCodegen } from './command/run-codegen.js';

process.exitCode = await runCodegen({
  args: process.argv.slice(2),
  environment: process.env,
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
});
