package dev.tether.reactor.interleaving;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Loads the classes of one package anew. Those that are to be explored stop before each access to a field that is not final,
 * to an atomic, and to a queue; constructors do not, as what they make is not shared yet.
 */
public final class InterleavedClasses extends ClassLoader {

    private final String prefix;
    private final Set<String> explored;
    private final Map<String, UnaryOperator<DynamicType.Builder<?>>> mutations;
    private final ClassFileLocator files =
            ClassFileLocator.ForClassLoader.of(InterleavedClasses.class.getClassLoader());
    private final TypePool types = TypePool.Default.of(files);

    /**
     * Classes for one exploration.
     *
     * @param packageName of the classes that are loaded anew, all of them
     * @param explored the names of those that stop at each access
     * @param mutations by class name, how some of these are broken first
     */
    public InterleavedClasses(
            String packageName, Set<String> explored, Map<String, UnaryOperator<DynamicType.Builder<?>>> mutations) {
        super(InterleavedClasses.class.getClassLoader());
        this.prefix = packageName + '.';
        this.explored = explored;
        this.mutations = mutations;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(prefix) || name.indexOf('.', prefix.length()) >= 0) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try {
            byte[] bytes = files.locate(name).resolve();
            if (mutations.containsKey(name)) {
                bytes = mutations.get(name).apply(redefine(name, bytes)).make().getBytes();
            }
            if (explored.contains(name)) {
                bytes = redefine(name, bytes)
                        .visit(new AsmVisitorWrapper.ForDeclaredMethods()
                                .method(ElementMatchers.isMethod(), InterleavedClasses::stopBeforeAccesses)
                                .writerFlags(ClassWriter.COMPUTE_MAXS))
                        .make()
                        .getBytes();
            }
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private DynamicType.Builder<?> redefine(String name, byte[] bytes) {
        TypeDescription type = types.describe(name).resolve();
        return new ByteBuddy()
                .redefine(type, new ClassFileLocator.Compound(ClassFileLocator.Simple.of(name, bytes), files));
    }

    private static MethodVisitor stopBeforeAccesses(
            TypeDescription type,
            MethodDescription method,
            MethodVisitor visitor,
            Implementation.Context context,
            TypePool pool,
            int writerFlags,
            int readerFlags) {
        return new Stops(type, visitor);
    }

    private static final class Stops extends MethodVisitor {

        private final TypeDescription type;

        /** The atomic that was loaded last: a field of that type, or the updater of the field of the same name. */
        private String atomic = "";

        Stops(TypeDescription type, MethodVisitor visitor) {
            super(OpenedClassReader.ASM_API, visitor);
            this.type = type;
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            if (isAtomic(Type.getType(descriptor).getInternalName())) {
                atomic = simpleName(owner) + '.' + name.toLowerCase(Locale.ROOT);
            } else if (!isFinal(owner, name)) {
                stop(simpleName(owner) + '.' + name, opcode == Opcodes.PUTFIELD || opcode == Opcodes.PUTSTATIC, "");
            }
            super.visitFieldInsn(opcode, owner, name, descriptor);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            if (opcode != Opcodes.INVOKESTATIC && isAtomic(owner)) {
                stop(atomic, !name.equals("get"), "");
            } else if (owner.equals("reactor/core/publisher/Operators") && !name.equals("validate")) {
                stop(atomic, true, "");
            } else if (owner.equals("java/util/Queue")) {
                // With one consumer and one producer, as queues of Reactor allow.
                boolean write = !name.equals("isEmpty");
                stop("queue", write, write ? "queue." + name : "");
            }
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        }

        private void stop(String what, boolean write, String alone) {
            super.visitLdcInsn(what);
            super.visitInsn(write ? Opcodes.ICONST_1 : Opcodes.ICONST_0);
            super.visitLdcInsn(alone);
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    Interleavings.class.getName().replace('.', '/'),
                    "access",
                    "(Ljava/lang/String;ZLjava/lang/String;)V",
                    false);
        }

        private boolean isFinal(String owner, String name) {
            return owner.equals(type.getInternalName())
                    && type.getDeclaredFields().stream()
                            .filter(field -> field.getName().equals(name))
                            .anyMatch(FieldDescription::isFinal);
        }

        private static boolean isAtomic(String internalName) {
            return internalName.startsWith("java/util/concurrent/atomic/");
        }

        private static String simpleName(String internalName) {
            return internalName.substring(internalName.lastIndexOf('/') + 1);
        }
    }
}
