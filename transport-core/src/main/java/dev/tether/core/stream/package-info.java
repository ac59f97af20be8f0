/**
 * Streams: ordered bytes between two peers, each stream with its own flow control, and the messages that the first one
 * carries. {@link dev.tether.core.stream.StreamSet} holds all streams of a connection and is the way in; frames go into it
 * and come out of it. Source: RFC 9000 §2 to §4.
 */
@NullMarked
package dev.tether.core.stream;

import org.jspecify.annotations.NullMarked;
