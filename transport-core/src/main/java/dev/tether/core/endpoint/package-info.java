/** The connections of one socket: which there are, which datagram is for whom, and what becomes of new attempts. */
@NullMarked
package dev.tether.core.endpoint;

import org.jspecify.annotations.NullMarked;
