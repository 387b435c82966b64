// Writes what the images of deploy/Dockerfile are made from into dist/image: npm run image. The packages must be built.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../test/support/built.js';
import { packAll } from '../../test/support/packed.js';
import { IMAGES, writeImage } from './app.js';

const folder = join(root, 'dist/image');
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'archives'), { recursive: true });
const packed = packAll(join(folder, 'archives'));
for (const [name, content] of Object.entries(IMAGES)) writeImage(join(folder, name), content, packed);
