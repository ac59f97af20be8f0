/** Variable-length integers, packet headers and the codecs of the handshake datagrams. */
@NullMarked
package dev.tether.core.wire;

import org.jspecify.annotations.NullMarked;
