export default {
  build: { ssr: 'src/main.ts' },
  ssr: { noExternal: true },
};
