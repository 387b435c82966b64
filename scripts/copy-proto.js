// Puts proto/pubsub_api.proto into the emulator as data, so that bundlers find all that it needs. With
// --check it only tells whether the data is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import protobuf from 'protobufjs';

const CONTRACT = 'packages/emulator/src/grpc/contract.ts';

/** The contract as protobufjs keeps it. */
async function contract() {
  const { root } = protobuf.parse(readFileSync('proto/pubsub_api.proto', 'utf8'));
  const text = `// Made of proto/pubsub_api.proto by \`npm run proto\`.
import type { INamespace } from 'protobufjs';

/** The service's contract, as proto-loader's \`fromJSON\` takes it. */
export const CONTRACT = ${JSON.stringify(root.toJSON())} as INamespace;
`;
  return format(text, { ...(await resolveConfig(CONTRACT)), filepath: CONTRACT });
}

const text = await contract();
const isFresh = readFileSync(CONTRACT, 'utf8') === text;
if (!process.argv.includes('--check')) {
  if (!isFresh) writeFileSync(CONTRACT, text);
} else if (!isFresh) {
  console.error(`Stale, of proto/pubsub_api.proto: ${CONTRACT}. Run: npm run proto`);
  process.exit(1);
}
