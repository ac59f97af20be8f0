/**
 * One UDP socket on one event loop: its datagrams as a {@code Flux}, a bounded outbound queue, and the event loop as a
 * Reactor {@code Scheduler}. Internal, not part of the API: anything here may change in any release.
 */
@NullMarked
package dev.tether.reactor.socket;

import org.jspecify.annotations.NullMarked;
