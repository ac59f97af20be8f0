/**
 * The connections of one socket: which there are, which datagram is for whom, and what becomes of new attempts. And how a
 * gateway introduces peers to each other that it is connected to.
 */
@NullMarked
package dev.tether.core.endpoint;

import org.jspecify.annotations.NullMarked;
