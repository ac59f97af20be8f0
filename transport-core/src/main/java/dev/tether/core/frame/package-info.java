/** The frames inside a data packet: byte for byte RFC 9000 §19 and RFC 9221 where a frame exists there. */
@NullMarked
package dev.tether.core.frame;

import org.jspecify.annotations.NullMarked;
