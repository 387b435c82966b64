#!/usr/bin/env -S node --
import '../dist/bin.js';
