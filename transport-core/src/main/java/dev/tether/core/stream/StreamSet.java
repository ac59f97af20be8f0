package dev.tether.core.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * All streams of one connection, as the application uses them: commands, questions, and events that are polled. What the
 * network sees of them are their {@link #frames()}. Not thread-safe.
 *
 * <p>Stream 0, {@link StreamId#MESSAGES}, exists at both ends from the start and is never accepted. A command or a question
 * about a stream that is over, or about any stream after {@link #releaseAll()}, has no effect and answers 0, false, -1 or an
 * empty buffer.
 *
 * <p><b>Polling.</b> Each {@code poll…} method returns the id of a stream to which the event has happened since it was polled
 * last, or -1. An event is edge-triggered: a stream that is not read to its end becomes readable again only when more
 * arrives. {@link #pollFinished()} ends a stream's life in this set and must be polled after the others; until then every
 * getter answers for the stream.
 */
public final class StreamSet {

    private static final long NONE = -1;

    private final StreamContext context;
    private final StreamEvents events = new StreamEvents();
    private final StreamTable table;
    private final StreamScheduler scheduler;
    private final StreamFrames frames;
    private boolean sendingClosed;

    /** Whether the application was told that there is something to poll, and has polled nothing since. */
    private boolean told;

    /**
     * The streams of a new connection. Nothing can be written or sent until {@link StreamFrames#setPeerLimits}.
     *
     * @param dialing whether this side dialed the connection
     * @param local what the peer may send at first, as announced to it; the windows are at least 1
     * @param bounds what this side bounds further
     * @param allocator where received bytes are put
     * @param chunks where bytes to send are put
     */
    public StreamSet(
            boolean dialing, StreamLimits local, StreamBounds bounds, ByteBufAllocator allocator, ChunkPool chunks) {
        this.context = new StreamContext(local, bounds, allocator, chunks);
        this.table = new StreamTable(dialing, context, events);
        this.scheduler = new StreamScheduler(context, table);
        this.frames = new StreamFrames(context, table, scheduler, events);
    }

    /** How these streams are sent and received. */
    public StreamFrames frames() {
        return frames;
    }

    // ---- commands

    /**
     * Opens a stream.
     *
     * @return its id, or -1 if the peer does not allow one more; then {@link #pollOpenable} tells when it does
     */
    public long openStream(boolean bidirectional) {
        Stream stream = sendingClosed ? null : table.open(bidirectional);
        return stream == null ? NONE : stream.id;
    }

    /**
     * Takes bytes to the end of a stream, as many as the peer's limit for the stream and the stream's share of the send
     * buffer allow, and moves the reader index of {@code source}. If they are fewer than asked for, the stream is reported by
     * {@link #pollWritable} once there is room.
     *
     * <p>{@code source} stays the caller's, who releases it whenever it likes. But what was taken must not be changed before
     * the peer has acknowledged it: only small pieces are copied, the others are sent from {@code source}, which is retained
     * until then, or until the stream or the connection is over. What is retained is all the memory behind {@code source},
     * while the send buffer counts only the bytes that were taken.
     *
     * @return how many bytes were taken
     */
    public int write(long id, ByteBuf source, int maxBytes) {
        Stream stream = sendingClosed ? null : table.use(id);
        if (stream == null || stream.send == null) {
            return 0;
        }
        int written = stream.send.write(source, maxBytes);
        scheduler.schedule(stream);
        return written;
    }

    int write(long id, byte[] source, int offset, int length) {
        Stream stream = sendingClosed ? null : table.use(id);
        if (stream == null || stream.send == null) {
            return 0;
        }
        int written = stream.send.write(source, offset, length);
        scheduler.schedule(stream);
        return written;
    }

    /**
     * Sets how urgent this side's bytes of a stream are, those included that are waiting to be sent; {@link Urgency#DEFAULT}
     * before. Bytes of a more urgent stream go first, lost ones as well as new ones. The peer does not learn it.
     *
     * @param urgency from {@link Urgency#MOST} to {@link Urgency#LEAST}
     * @throws IllegalArgumentException if it is out of that range
     */
    public void setPriority(long id, int urgency) {
        Urgency.require(urgency);
        Stream stream = table.use(id);
        if (stream != null) {
            scheduler.setUrgency(stream, urgency);
        }
    }

    /** Ends this side's part of a stream after what was written. */
    public void finish(long id) {
        Stream stream = table.use(id);
        if (stream != null && stream.send != null) {
            stream.send.finish();
            scheduler.schedule(stream);
        }
    }

    /**
     * Abandons this side's part of a stream; what the peer does not have is dropped. RFC 9000 §3.1.
     *
     * @param errorCode for the peer's application, 0 to 2^62 - 1
     */
    public void reset(long id, long errorCode) {
        Stream stream = table.use(id);
        if (stream != null && stream.send != null) {
            stream.send.reset(errorCode);
            scheduler.schedule(stream);
        }
    }

    /**
     * Asks the peer to send no more on a stream; what was received or still arrives is dropped. RFC 9000 §3.5.
     *
     * @param errorCode for the peer's application, 0 to 2^62 - 1
     */
    public void stopSending(long id, long errorCode) {
        Stream stream = table.use(id);
        if (stream != null && stream.receive != null) {
            stream.receive.stopSending(errorCode);
            afterRead(stream);
        }
    }

    /**
     * Takes received bytes, those that lie together in memory, at most {@code max}; this lets the peer send more.
     *
     * @return a buffer that the caller must release, empty if there is nothing to read
     */
    public ByteBuf read(long id, int max) {
        Stream stream = table.find(id);
        if (stream == null || stream.receive == null) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf bytes = stream.receive.read(max);
        afterRead(stream);
        return bytes;
    }

    /**
     * Nothing will be sent any more: releases what was written, and takes nothing more. What was received can still be read,
     * and the getters answer as before.
     */
    public void closeSending() {
        sendingClosed = true;
        scheduler.stop();
        table.closeSending();
    }

    /**
     * Has a stream that the peer opened, and that is not over, count against the peer's limit until {@link #freePlace}, also
     * when it is over: streams that wait for the application are no more than the limit, however soon the peer ends them. RFC
     * 9000 §4.6.
     */
    public void keepPlace(long id) {
        Stream stream = table.find(id);
        if (stream != null) {
            stream.placeKept = true;
        }
    }

    /** Lets a stream whose place was kept make room for another one as soon as it is over. To be called once for each. */
    public void freePlace(long id) {
        table.freePlace(id);
    }

    /** Releases every buffer and forgets all streams. */
    public void releaseAll() {
        sendingClosed = true;
        scheduler.stop();
        table.releaseAll();
        events.clear();
    }

    // ---- getters

    /** How many streams there are that are not over. */
    public int size() {
        return table.size();
    }

    /**
     * How many bytes of memory are held for what the peer has sent and the application has not read, with all bookkeeping of
     * the streams; see {@link StreamBounds} for its bound. Cheap.
     */
    public long memoryHeld() {
        return context.receiveMemory.held() + (long) table.size() * ReceiveMemory.STREAM_BOOKKEEPING;
    }

    /** How many bytes of all streams may be written and not yet acknowledged, see {@link StreamFrames#setSendBuffer}. */
    public int sendBuffer() {
        return context.budget.bound();
    }

    /** How many received bytes of all streams were neither read nor discarded, and are missing in the connection's credit. */
    public long unread() {
        return context.receiveCredit.unconsumed();
    }

    /** How many bytes {@link #write} would take now. */
    public int writable(long id) {
        Stream stream = table.use(id);
        return stream == null || stream.send == null ? 0 : (int) Math.min(Integer.MAX_VALUE, stream.send.free());
    }

    /** How many bytes can be read now. */
    public int readable(long id) {
        Stream stream = table.find(id);
        return stream == null || stream.receive == null ? 0 : stream.receive.readable();
    }

    /** Whether the peer has ended its part and every byte of it was read. */
    public boolean isAtEnd(long id) {
        Stream stream = table.find(id);
        return stream != null && stream.receive != null && stream.receive.isAtEnd();
    }

    /** How many bytes were written since the start of the stream, or -1. */
    public long writtenOffset(long id) {
        Stream stream = table.use(id);
        return stream == null || stream.send == null ? NONE : stream.send.writtenOffset();
    }

    /** The offset before which the peer has acknowledged every byte, or -1. */
    public long ackedOffset(long id) {
        Stream stream = table.use(id);
        return stream == null || stream.send == null ? NONE : stream.send.ackedOffset();
    }

    /** Whether the peer has acknowledged every byte and the end of this side's part. */
    public boolean isDelivered(long id) {
        Stream stream = table.find(id);
        return stream != null && stream.send != null && stream.send.state() == SendState.DATA_RECVD;
    }

    /** The code with which the peer abandoned its part, or -1. */
    public long resetCode(long id) {
        Stream stream = table.find(id);
        return stream == null || stream.receive == null ? NONE : stream.receive.resetCode();
    }

    /** The code with which the peer asked this side to send no more, or -1. */
    public long stopCode(long id) {
        Stream stream = table.find(id);
        return stream == null || stream.send == null ? NONE : stream.send.stopCode();
    }

    // ---- events

    /** Whether there is something to poll; told once until something is polled. Cheap. */
    public boolean takeNews() {
        boolean news = !told && hasEvents();
        told |= news;
        return news;
    }

    private boolean hasEvents() {
        return events.count() > 0 || context.budget.hasWritable() || table.isOpenable();
    }

    /** A stream that the peer has opened. */
    public long pollAccepted() {
        return poll(StreamEvent.ACCEPTED);
    }

    /** A stream with more bytes to read than before, or of which the end was reached, see {@link #isAtEnd}. */
    public long pollReadable() {
        return poll(StreamEvent.READABLE);
    }

    /**
     * A stream with worthwhile room after {@link #write} took less than asked for, the one that holds the least first. Room
     * is looked at now: who writes to each stream before the next one is polled wakes none in vain.
     */
    public long pollWritable() {
        told = false;
        SendStream stream = context.budget.pollWritable();
        if (stream == null) {
            return NONE;
        }
        stream.onWritableReported();
        return stream.id();
    }

    /** A stream of which {@link #ackedOffset} advanced, or that became {@link #isDelivered delivered}. */
    public long pollAcked() {
        return poll(StreamEvent.ACKED);
    }

    /** A stream that the peer has abandoned, see {@link #resetCode}. */
    public long pollReset() {
        told = false;
        Stream stream = events.poll(StreamEvent.RESET);
        if (stream == null) {
            return NONE;
        }
        if (stream.receive != null) {
            stream.receive.onResetRead();
            afterRead(stream);
        }
        return stream.id;
    }

    /** A stream on which the peer wants no more bytes, see {@link #stopCode}; it has been reset. */
    public long pollStopped() {
        return poll(StreamEvent.STOPPED);
    }

    /** A stream of which both parts are over: all was delivered and read, or a reset was. The set forgets it now. */
    public long pollFinished() {
        told = false;
        Stream stream = events.poll(StreamEvent.FINISHED);
        if (stream == null) {
            return NONE;
        }
        table.remove(stream);
        return stream.id;
    }

    /** Whether a stream can be opened after {@link #openStream} was refused; true once. */
    public boolean pollOpenable(boolean bidirectional) {
        told = false;
        return table.pollOpenable(bidirectional);
    }

    // ---- for readers and writers of messages

    /** The stream with this id, or null if it is over or was not used. */
    @Nullable
    Stream stream(long id) {
        return table.find(id);
    }

    /** How many unread bytes of all streams the peer may send at present. */
    long connectionWindow() {
        return context.receiveCredit.window();
    }

    ByteBufAllocator allocator() {
        return context.allocator;
    }

    /** Lets the peer send more, if enough was read, and ends the stream, if all was. */
    void afterRead(Stream stream) {
        scheduler.schedule(stream);
        table.finishIfOver(stream);
    }

    private long poll(StreamEvent event) {
        told = false;
        Stream stream = events.poll(event);
        return stream == null ? NONE : stream.id;
    }
}
