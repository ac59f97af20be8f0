/** The {@code tether} command. */
@NullMarked
package dev.tether.examples;

import org.jspecify.annotations.NullMarked;
