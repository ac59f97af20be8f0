package dev.tether.core.stream;

import dev.tether.core.frame.TransportErrorCode;
import io.netty.util.collection.LongObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection by their ids, and which ids either side may use. Stream 0 exists from the start, but costs
 * nothing until it is used. Not thread-safe. Source: RFC 9000 §2.1, §3.
 */
final class StreamTable {

    private final boolean dialing;
    private final StreamContext context;
    private final StreamEvents events;
    private final StreamCounts bidirectional;
    private final StreamCounts unidirectional;
    private @Nullable Stream messages;
    private @Nullable LongObjectHashMap<Stream> others;
    private boolean messagesOver;
    private boolean released;
    private long peerMaxStreamData;

    StreamTable(boolean dialing, StreamContext context, StreamEvents events) {
        this.dialing = dialing;
        this.context = context;
        this.events = events;
        StreamLimits local = context.local;
        this.bidirectional = new StreamCounts(dialing ? 1 : 0, dialing ? 0 : 1, local.initialMaxStreamsBidi());
        this.unidirectional = new StreamCounts(0, 0, local.initialMaxStreamsUni());
    }

    StreamCounts counts(boolean bidi) {
        return bidi ? bidirectional : unidirectional;
    }

    /** How many streams there are, stream 0 counted if it has been used. */
    int size() {
        return (messages == null ? 0 : 1) + (others == null ? 0 : others.size());
    }

    /** The stream with this id, or null if it is over, was never opened, or is stream 0 and was never used. */
    @Nullable
    Stream find(long id) {
        if (id == StreamId.MESSAGES) {
            return messages;
        }
        return others == null ? null : others.get(id);
    }

    /** The stream with this id, made now if it is stream 0 and was never used; null if it is over or was never opened. */
    @Nullable
    Stream use(long id) {
        return id == StreamId.MESSAGES && messages == null && !messagesOver ? makeMessages() : find(id);
    }

    /** Whether a stream can be opened after {@link #open} was refused. */
    boolean isOpenable() {
        return !released && (bidirectional.isOpenable() || unidirectional.isOpenable());
    }

    /** Whether a stream can be opened after {@link #open} was refused; true once. */
    boolean pollOpenable(boolean bidi) {
        return !released && counts(bidi).pollOpenable();
    }

    /** Opens a stream of this side; null if the peer does not allow one more, and after {@link #releaseAll()}. */
    @Nullable
    Stream open(boolean bidi) {
        if (released) {
            return null;
        }
        long index = counts(bidi).open();
        return index < 0 ? null : make(StreamId.of(index, dialing, bidi));
    }

    /** The stream into which a frame of the peer carries bytes; null if it is over. */
    @Nullable
    Stream receiving(long id, int frameType) throws StreamViolation {
        if (isOpenedHere(id) && !StreamId.isBidirectional(id)) {
            throw new StreamViolation(
                    TransportErrorCode.STREAM_STATE_ERROR, frameType, "stream " + id + " carries nothing to this side");
        }
        return locate(id, frameType);
    }

    /** The stream of which a frame of the peer concerns the bytes of this side; null if it is over. */
    @Nullable
    Stream sending(long id, int frameType) throws StreamViolation {
        if (!isOpenedHere(id) && !StreamId.isBidirectional(id)) {
            throw new StreamViolation(
                    TransportErrorCode.STREAM_STATE_ERROR,
                    frameType,
                    "stream " + id + " carries nothing from this side");
        }
        return locate(id, frameType);
    }

    /** Takes over the peer's limits for streams that are made from now on. */
    void setPeerLimits(StreamLimits peer) {
        peerMaxStreamData = peer.initialMaxStreamData();
        bidirectional.raise(peer.initialMaxStreamsBidi());
        unidirectional.raise(peer.initialMaxStreamsUni());
    }

    /** Forgets a stream that is over. */
    void remove(Stream stream) {
        stream.release();
        if (stream.id == StreamId.MESSAGES) {
            messages = null;
            messagesOver = true;
        } else if (others != null) {
            others.remove(stream.id);
        }
        if (!isOpenedHere(stream.id) && !stream.placeKept) {
            counts(StreamId.isBidirectional(stream.id)).onFinishedOfPeer();
        }
    }

    /** Reports a stream of which nothing is left to be done. */
    void finishIfOver(Stream stream) {
        if (stream.isFinished()) {
            events.add(StreamEvent.FINISHED, stream);
        }
    }

    /** A place that was kept is kept no longer. */
    void freePlace(long id) {
        if (released) {
            return;
        }
        Stream stream = find(id);
        if (stream == null) {
            counts(StreamId.isBidirectional(id)).onFinishedOfPeer();
        } else {
            stream.placeKept = false;
        }
    }

    /** Ends the sending parts of all streams, and releases what they hold. */
    void closeSending() {
        if (messages != null && messages.send != null) {
            messages.send.close();
        }
        if (others != null) {
            for (Stream stream : others.values()) {
                if (stream.send != null) {
                    stream.send.close();
                }
            }
        }
    }

    /** Forgets all streams and releases their bytes. */
    void releaseAll() {
        released = true;
        if (messages != null) {
            messages.release();
            messages = null;
        }
        messagesOver = true;
        if (others != null) {
            for (Stream stream : others.values()) {
                stream.release();
            }
            others = null;
        }
    }

    private boolean isOpenedHere(long id) {
        return StreamId.isOpenedByDialingSide(id) == dialing;
    }

    private @Nullable Stream locate(long id, int frameType) throws StreamViolation {
        if (released) {
            return null;
        }
        if (id == StreamId.MESSAGES) {
            return use(id);
        }
        StreamCounts counts = counts(StreamId.isBidirectional(id));
        long index = StreamId.index(id);
        if (isOpenedHere(id)) {
            if (index >= counts.opened()) {
                throw new StreamViolation(
                        TransportErrorCode.STREAM_STATE_ERROR, frameType, "stream " + id + " was never opened");
            }
        } else if (index >= counts.localLimit()) {
            throw new StreamViolation(
                    TransportErrorCode.STREAM_LIMIT_ERROR,
                    frameType,
                    "stream " + id + " is beyond the limit of " + counts.localLimit() + " streams");
        } else {
            acceptUpTo(index, counts, StreamId.isBidirectional(id));
        }
        return find(id);
    }

    // RFC 9000 §3.2: a stream opens all streams of its kind with lower ids
    private void acceptUpTo(long index, StreamCounts counts, boolean bidi) {
        while (counts.openedByPeer() <= index) {
            events.add(StreamEvent.ACCEPTED, make(StreamId.of(counts.openByPeer(), !dialing, bidi)));
        }
    }

    private Stream make(long id) {
        Stream stream = new Stream(
                id,
                isOpenedHere(id) || StreamId.isBidirectional(id)
                        ? new SendStream(id, peerMaxStreamData, context)
                        : null,
                !isOpenedHere(id) || StreamId.isBidirectional(id) ? new ReceiveStream(id, context) : null);
        if (others == null) {
            others = new LongObjectHashMap<>();
        }
        others.put(id, stream);
        return stream;
    }

    private Stream makeMessages() {
        long id = StreamId.MESSAGES;
        Stream stream = new Stream(id, new SendStream(id, peerMaxStreamData, context), new ReceiveStream(id, context));
        messages = stream;
        return stream;
    }
}
