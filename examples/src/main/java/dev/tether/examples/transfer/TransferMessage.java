package dev.tether.examples.transfer;

import io.netty.buffer.ByteBuf;

/**
 * The messages of a file transfer, version 1. The dialing peer sends files, the listening peer receives them; each message
 * is one message of the connection: a type byte, then the fields in the order of the record's components.
 *
 * <pre>
 *   sender                                    receiver
 *   OFFER  file, size, SHA-256, name   ──▶
 *                                      ◀──   CHECKING  (about once a second, while it reads what it has)
 *                                      ◀──   ACCEPT offset, SHA-256 of the bytes before it
 *                                            or PRESENT, or FAILED
 *   BEGIN  offset, or 0                ──▶
 *   DATA   …                           ──▶
 *                                      ◀──   STORED once all bytes are on its disk and their SHA-256 agrees
 *                                            or FAILED, at any time
 * </pre>
 *
 * <p>One file follows the other: the sender offers the next one when it has got PRESENT, STORED or FAILED, and closes with
 * code 0 after the last. To resume, the sender hashes as much of its file as the receiver says that it has, and begins at
 * that offset if the digests agree, otherwise at 0. A sender that cannot go on says ABORT and may offer the next file.
 * After FAILED the receiver ignores DATA and ABORT until the next OFFER, since they may have crossed it. The receiver's
 * messages repeat the number of the file that they answer; the sender ignores those of a file that it has given up.
 *
 * <table>
 * <caption>Encoding; integers are big-endian, text is UTF-8 and takes the rest of the message</caption>
 * <tr><th>type</th><th>message</th><th>fields</th></tr>
 * <tr><td>1</td><td>OFFER</td><td>version 1 B (= 1) · file 4 B · size 8 B · SHA-256 32 B · name</td></tr>
 * <tr><td>2</td><td>BEGIN</td><td>offset 8 B</td></tr>
 * <tr><td>3</td><td>DATA</td><td>the file's next bytes, 1 to 262,144</td></tr>
 * <tr><td>4</td><td>ABORT</td><td>failure 1 B · text</td></tr>
 * <tr><td>5</td><td>CHECKING</td><td>file 4 B · bytes read so far 8 B</td></tr>
 * <tr><td>6</td><td>ACCEPT</td><td>file 4 B · offset 8 B · SHA-256 of the bytes before the offset 32 B</td></tr>
 * <tr><td>7</td><td>PRESENT</td><td>file 4 B · name under which the receiver has it</td></tr>
 * <tr><td>8</td><td>STORED</td><td>file 4 B · name under which the receiver has stored it</td></tr>
 * <tr><td>9</td><td>FAILED</td><td>file 4 B · failure 1 B · text</td></tr>
 * </table>
 */
sealed interface TransferMessage {

    /** What the receiver says about one file. */
    sealed interface Answer extends TransferMessage {

        /** The number of the file that this is about. */
        int file();
    }

    /**
     * A file, described before a byte of it is sent.
     *
     * @param file counts the offers of a connection
     * @param size in bytes, from 0
     * @param digest of the whole content
     * @param name a plain file name, without directories
     */
    record Offer(int file, long size, Sha256 digest, String name) implements TransferMessage {}

    /**
     * The bytes that follow start here.
     *
     * @param offset 0, or the one that the receiver has offered
     */
    record Begin(long offset) implements TransferMessage {}

    /**
     * The next bytes of the file.
     *
     * @param bytes a view of the message, valid only as long as that
     */
    record Data(ByteBuf bytes) implements TransferMessage {}

    /** The sender gives up the file. */
    record Abort(TransferFailure failure, String text) implements TransferMessage {}

    /** The receiver reads what it has already; a sign of life. */
    record Checking(int file, long bytes) implements Answer {}

    /**
     * The receiver wants the file.
     *
     * @param offset how many bytes of it the receiver has already
     * @param prefix the digest of those
     */
    record Accept(int file, long offset, Sha256 prefix) implements Answer {}

    /** The receiver has this very file already. */
    record Present(int file, String name) implements Answer {}

    /** The file is on the receiver's disk, and its digest agrees. */
    record Stored(int file, String name) implements Answer {}

    /** The receiver does not want the file, or cannot go on with it. */
    record Failed(int file, TransferFailure failure, String text) implements Answer {}
}
