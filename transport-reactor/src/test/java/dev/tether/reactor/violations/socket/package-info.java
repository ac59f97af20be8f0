/** Stands for the socket layer. */
@NullMarked
package dev.tether.reactor.violations.socket;

import org.jspecify.annotations.NullMarked;
