// Puts proto/pubsub_api.proto into the packages that use it: as a file into the emulator, and as data into core, so that a
// bundler finds all that core needs. With --check it only tells whether they are up to date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { format, resolveConfig } from 'prettier';
import protobuf from 'protobufjs';

const source = readFileSync('proto/pubsub_api.proto', 'utf8');
const CONTRACT = 'packages/core/src/grpc/contract.ts';

/** The contract as protobufjs keeps it. */
async function contract() {
  const { root } = protobuf.parse(source);
  const text = `// Made of proto/pubsub_api.proto by \`npm run proto\`.

/** The service's contract, as proto-loader's \`fromJSON\` takes it. */
export const CONTRACT = ${JSON.stringify(root.toJSON())};
`;
  return format(text, { ...(await resolveConfig(CONTRACT)), filepath: CONTRACT });
}

const wanted = new Map([
  ['packages/emulator/proto/pubsub_api.proto', source],
  [CONTRACT, await contract()],
]);
const stale = [...wanted].filter(([path, text]) => {
  try {
    return readFileSync(path, 'utf8') !== text;
  } catch {
    return true;
  }
});

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`Stale, of proto/pubsub_api.proto: ${stale.map(([path]) => path).join(', ')}. Run: npm run proto`);
    process.exit(1);
  }
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
