/**
 * Codecs: values of an application to messages and back. They know nothing of connections; {@link
 * dev.tether.reactor.PeerConnection#as} joins the two.
 */
@NullMarked
package dev.tether.reactor.codec;

import org.jspecify.annotations.NullMarked;
