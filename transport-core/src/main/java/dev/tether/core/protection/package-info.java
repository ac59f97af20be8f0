/**
 * What guards each datagram: sealing and opening of packets, the replay window, the tokens of stateless resets, and the
 * two MACs and the cookie that let a loaded peer turn handshakes away before it spends an agreement on them.
 */
@NullMarked
package dev.tether.core.protection;

import org.jspecify.annotations.NullMarked;
