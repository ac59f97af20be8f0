package dev.tether.examples.transfer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/** A part of a file as DATA messages, read when they are asked for. */
final class FileChunks {

    private final Path file;
    private final long end;
    private final LongConsumer progress;
    private final FileChannel channel;
    private long position;

    private FileChunks(Path file, long offset, long end, LongConsumer progress) throws IOException {
        this.file = file;
        this.end = end;
        this.progress = progress;
        this.channel = FileChannel.open(file, StandardOpenOption.READ);
        this.position = offset;
    }

    /**
     * The bytes from {@code offset} to {@code end}, as messages that the subscriber owns. Cold; reads on
     * {@link Schedulers#boundedElastic()}, one chunk for each that is requested. Errors with a {@link TransferException}.
     *
     * @param progress is told the position behind each chunk, on the thread that reads
     */
    static Flux<ByteBuf> of(Path file, long offset, long end, LongConsumer progress) {
        if (offset == end) {
            return Flux.empty();
        }
        return Flux.<ByteBuf, FileChunks>generate(
                        () -> new FileChunks(file, offset, end, progress), FileChunks::next, FileChunks::close)
                .onErrorMap(IOException.class, e -> unreadable(file, e))
                .subscribeOn(Schedulers.boundedElastic());
    }

    private FileChunks next(SynchronousSink<ByteBuf> sink) {
        int length = (int) Math.min(TransferCodec.MAX_DATA, end - position);
        ByteBuf message = ByteBufAllocator.DEFAULT.directBuffer(1 + length);
        try {
            message.writeByte(TransferCodec.DATA);
            read(message, length);
        } catch (ClosedByInterruptException e) {
            // The subscriber has cancelled, which interrupts a read.
            message.release();
            sink.complete();
            return this;
        } catch (IOException e) {
            message.release();
            sink.error(unreadable(file, e));
            return this;
        } catch (RuntimeException e) {
            message.release();
            sink.error(e);
            return this;
        }
        position += length;
        progress.accept(position);
        sink.next(message);
        if (position == end) {
            sink.complete();
        }
        return this;
    }

    private void read(ByteBuf message, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int read = message.writeBytes(channel, position + done, length - done);
            if (read < 0) {
                throw new TransferException(
                        TransferFailure.CHANGED,
                        "it has become shorter while it was being sent: " + (position + done) + " of " + end
                                + " bytes");
            }
            done += read;
        }
    }

    private void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TransferException unreadable(Path file, IOException e) {
        return new TransferException(TransferFailure.READ_ERROR, file + " cannot be read: " + e.getMessage(), e);
    }
}
