/**
 * What the packages of rxforce share with each other. **Unstable**: only for sibling packages of the same version, without
 * any promise of compatibility. Applications and other libraries import nothing from here.
 *
 * Nothing of the network is loaded by it: that is in `@rxforce/core/internal/http`.
 *
 * @packageDocumentation
 */
