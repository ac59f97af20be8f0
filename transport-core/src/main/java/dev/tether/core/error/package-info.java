/** How a connection, a stream or a send can fail: one exception class for one cause. */
@NullMarked
package dev.tether.core.error;

import org.jspecify.annotations.NullMarked;
