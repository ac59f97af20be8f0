/** Stands for a later package than {@code wire}. */
@NullMarked
package dev.tether.core.violations.frame;

import org.jspecify.annotations.NullMarked;
