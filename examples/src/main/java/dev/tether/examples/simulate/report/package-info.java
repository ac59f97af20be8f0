/** The page of {@code tether simulate --report}: what a history looked like, over time. */
@NullMarked
package dev.tether.examples.simulate.report;

import org.jspecify.annotations.NullMarked;
