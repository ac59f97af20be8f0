/**
 * The addresses of a peer: where packets go, how an address from which the peer speaks is validated before they go there,
 * and how much may be sent to it until then. Source: RFC 9000 §8, §9. And how two peers that were introduced to each other find
 * addresses that work; after RFC 8445.
 */
@NullMarked
package dev.tether.core.path;

import org.jspecify.annotations.NullMarked;
