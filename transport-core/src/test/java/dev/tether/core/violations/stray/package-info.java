/** A package that the order does not name. */
@NullMarked
package dev.tether.core.violations.stray;

import org.jspecify.annotations.NullMarked;
