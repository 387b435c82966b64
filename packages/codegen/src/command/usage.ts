/** The output of `rxforce-codegen --help`. */
export const USAGE = `Usage: rxforce-codegen [options] [object or topic]...

Writes TypeScript for what the events of an org carry: an interface for each object and platform event.

  rxforce-codegen Account Employee__c /event/Order_Event__e --out src/salesforce.ts
  rxforce-codegen Account --out src/salesforce.ts --check
  rxforce-codegen --schema AccountChangeEvent.avsc

Options:
  --out <file>     write to this file, and not to standard output
  --check          write nothing, and exit with 1 when the file of --out is not up to date
  --picklists      with the values of pick lists, which the org's REST API tells
  --schema <file>  take an Avro schema from a file, as GetSchema sends it; can be given several times
  -h, --help       print this

Environment. Nothing secret is taken from the command line.
  A session that is open:
    RXFORCE_ACCESS_TOKEN, RXFORCE_INSTANCE_URL
  or client credentials:
    RXFORCE_CLIENT_ID, RXFORCE_CLIENT_SECRET, RXFORCE_LOGIN_URL (the org's My Domain)
  or JWT bearer:
    RXFORCE_CLIENT_ID, RXFORCE_USERNAME, RXFORCE_PRIVATE_KEY_FILE or RXFORCE_PRIVATE_KEY (PEM),
    RXFORCE_PRIVATE_KEY_PASSPHRASE, RXFORCE_LOGIN_URL (https://login.salesforce.com by default)
  and of the Pub/Sub API, where it is not the usual one:
    RXFORCE_ENDPOINT   host:port, api.pubsub.salesforce.com:7443 by default
    RXFORCE_CA_FILE    certificate authorities to trust, in PEM
    RXFORCE_INSECURE   1 for a Pub/Sub API without TLS: an emulator on this machine

Exit codes:
  0  done, or up to date
  1  --check: not up to date
  2  anything else, told on standard error
`;
