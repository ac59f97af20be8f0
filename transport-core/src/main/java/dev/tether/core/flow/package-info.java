/**
 * Flow control by credit: how much the peer lets this side send, and how much this side lets the peer send. Streams and
 * the connection as a whole use the same two classes. Source: RFC 9000 §4.
 */
@NullMarked
package dev.tether.core.flow;

import org.jspecify.annotations.NullMarked;
