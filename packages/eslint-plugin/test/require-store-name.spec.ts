import { requireStoreName } from '../src/rules/require-store-name.js';
import { testUntyped } from './support/rule-tester.js';

const suggesting = (output: string) => [
  { messageId: 'noName' as const, suggestions: [{ messageId: 'writeItOut' as const, output }] },
];

testUntyped('require-store-name', requireStoreName, {
  valid: [
    "client.changes('Account');",
    "client.changes('Account', { replay: 'earliest' });",
    "client.changes('Account', { replay: { from: 'earliest' } });",
    "client.changes('Account', { replay: { store, name: 'crm-sync' } });",
    "client.changes('Account', { replay: { 'store': store, 'name': name } });",
    "client.changes('Account', { replay: { ...position, store } });",
    'video.play({ replay: { store } });',
    'const { replay: { store } } = options;',
    '({ [replay]: { store } });',
    "client.changes('Account', { replay });",
  ],
  invalid: [
    {
      code: "client.changes('Account', { replay: { store } });",
      errors: suggesting("client.changes('Account', { replay: { store, name: 'default' } });"),
    },
    {
      code: "client.events('Order__e', { window: 3, replay: { store: fileReplayStore('./replay'), from: 'latest' } });",
      errors: suggesting(
        "client.events('Order__e', { window: 3, replay: { store: fileReplayStore('./replay'), name: 'default', from: 'latest' } });",
      ),
    },
    {
      name: 'options of their own, in a file that uses rxforce',
      code: "import { fileReplayStore } from '@rxforce/core';\nconst options = { replay: { store: fileReplayStore('a') } as const };",
      errors: suggesting(
        "import { fileReplayStore } from '@rxforce/core';\nconst options = { replay: { store: fileReplayStore('a'), name: 'default' } as const };",
      ),
    },
  ],
});
