/** Stands for an early package. */
@NullMarked
package dev.tether.core.violations.wire;

import org.jspecify.annotations.NullMarked;
