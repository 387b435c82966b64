import { readAccounts } from '../../src/accounts';

export const dynamic = 'force-dynamic';

export const GET = async () => new Response(await readAccounts(process.env));
