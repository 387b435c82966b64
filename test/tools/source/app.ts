import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { readAccounts } from './accounts.js';

@Injectable()
class Settings {
  readonly org = process.env;
}

@Injectable()
class Accounts {
  // Nest finds out by the types what it has to pass.
  constructor(private readonly settings: Settings) {}

  read(): Promise<string> {
    return readAccounts(this.settings.org);
  }
}

@Module({ providers: [Settings, Accounts] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  console.log(await app.get(Accounts).read());
  await app.close();
}

void main();
