/** Tether for Project Reactor: bind a node, connect to peers by their public key, and subscribe. */
@NullMarked
package dev.tether.reactor;

import org.jspecify.annotations.NullMarked;
