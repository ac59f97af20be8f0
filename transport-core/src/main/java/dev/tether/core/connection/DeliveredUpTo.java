package dev.tether.core.connection;

/**
 * The application of the peer has got the messages of a link up to a number.
 *
 * @param linkId the link
 * @param number of the last message that was delivered, as the peer says: it may be any number above 0
 */
public record DeliveredUpTo(long linkId, long number) {}
