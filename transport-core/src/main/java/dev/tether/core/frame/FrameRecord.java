package dev.tether.core.frame;

/**
 * Notes which retransmittable frames a packet carries, so that they can be settled when the packet is acknowledged or
 * lost. Frames that are never retransmitted (ACK, PADDING, PING) are not noted.
 */
public interface FrameRecord {

    /**
     * Notes one frame.
     *
     * @param frameType the type, see {@link FrameType}; {@link FrameType#STREAM} stands for all eight of its types, with
     *     the lowest bit set if FIN was
     * @param id the stream, or 0
     * @param offset the stream offset, or the number that the frame carries
     * @param length the bytes of a STREAM frame, or a second number
     */
    void addFrame(int frameType, long id, long offset, long length);
}
