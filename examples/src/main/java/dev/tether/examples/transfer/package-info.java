/**
 * Files over a connection's messages: offered with their SHA-256, resumed where a broken transfer has ended, and stored
 * whole or not at all. {@link dev.tether.examples.transfer.TransferMessage} is the protocol.
 */
@NullMarked
package dev.tether.examples.transfer;

import org.jspecify.annotations.NullMarked;
