package dev.tether.core.frame;

import java.net.InetSocketAddress;

/**
 * Receives the frames of one packet in their order. Byte ranges point into the packet's plaintext, which is valid during
 * the call only.
 */
public interface FrameHandler {

    /** RFC 9000 §19.2. */
    void onPing();

    /**
     * RFC 9000 §19.3.
     *
     * @param ranges pairs of smallest and largest packet number, in descending order; valid during the call only
     * @param rangeCount how many pairs there are, at least 1
     * @param ackDelay as on the wire: in units of 8 µs (2^3, the default ack delay exponent of RFC 9000 §18.2)
     */
    void onAck(long[] ranges, int rangeCount, long ackDelay);

    /** RFC 9000 §19.4. */
    void onResetStream(long streamId, long errorCode, long finalSize);

    /** RFC 9000 §19.5. */
    void onStopSending(long streamId, long errorCode);

    /** RFC 9000 §19.8. */
    void onStream(long streamId, long streamOffset, byte[] buffer, int offset, int length, boolean fin);

    /** RFC 9000 §19.9. */
    void onMaxData(long maximum);

    /** RFC 9000 §19.10. */
    void onMaxStreamData(long streamId, long maximum);

    /** RFC 9000 §19.11. */
    void onMaxStreams(boolean bidirectional, long maximum);

    /** RFC 9000 §19.12. */
    void onDataBlocked(long limit);

    /** RFC 9000 §19.13. */
    void onStreamDataBlocked(long streamId, long limit);

    /** RFC 9000 §19.14. */
    void onStreamsBlocked(boolean bidirectional, long limit);

    /** RFC 9000 §19.17; the data are 8 bytes. */
    void onPathChallenge(long data);

    /** RFC 9000 §19.18. */
    void onPathResponse(long data);

    /**
     * RFC 9000 §19.19.
     *
     * @param application whether the application closed, and not the transport
     * @param frameType the type of the frame that caused a transport's close, 0 if unknown
     * @param reason text for a human, at most 1024 bytes of it
     */
    void onConnectionClose(boolean application, long errorCode, long frameType, String reason);

    /** RFC 9221 §4. */
    void onDatagram(byte[] buffer, int offset, int length);

    /** The peer's application has got the numbered messages of a link up to {@code number}. docs/PROTOCOL.md, section 8.11. */
    void onMessagesDelivered(long linkId, long number);

    /** The peer sees this side at an address; later reports have higher numbers. docs/PROTOCOL.md, section 8.12. */
    void onObservedAddress(long sequence, InetSocketAddress address);

    /** One of the four frames of an introduction. docs/PROTOCOL.md, sections 8.13 to 8.16. */
    void onIntroduction(IntroductionFrame frame);
}
