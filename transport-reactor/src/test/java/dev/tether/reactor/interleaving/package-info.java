/**
 * Runs a few threads through every order in which their accesses to shared memory may take place, one access at a time: an
 * exhaustive check of code that is small. Accesses are sequentially consistent here, as those to volatile fields are.
 */
@NullMarked
package dev.tether.reactor.interleaving;

import org.jspecify.annotations.NullMarked;
