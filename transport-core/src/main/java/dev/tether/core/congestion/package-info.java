/**
 * How fast to send: congestion controllers (CUBIC of RFC 9438 with HyStart++ of RFC 9406, NewReno of RFC 9002, a fixed
 * rate) behind one interface, and the pacer that spreads what they allow over time.
 */
@NullMarked
package dev.tether.core.congestion;

import org.jspecify.annotations.NullMarked;
