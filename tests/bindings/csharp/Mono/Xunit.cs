// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

// The part of xunit that the tests use, for Mono: they run there and print TAP.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Xunit
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class FactAttribute : Attribute
    {
    }

    public sealed class AssertionException : Exception
    {
        public AssertionException(string message)
            : base(message)
        {
        }
    }

    public static class Assert
    {
        public static void True(bool condition, string message = "expected true")
        {
            if (!condition)
            {
                throw new AssertionException(message);
            }
        }

        public static void False(bool condition) => True(!condition, "expected false");

        public static void Null(object value) => True(value == null, "expected null");

        public static void NotNull(object value) => True(value != null, "expected an object");

        public static void Empty(IEnumerable<object> values) => True(!values.Any(), "expected nothing");

        public static void Contains(string part, string text) =>
            True(text.Contains(part), "no '" + part + "' in: " + text);

        public static void Equal(long expected, long actual) =>
            True(expected == actual, expected + " expected, not " + actual);

        public static void Equal(double expected, double actual) =>
            True(expected.Equals(actual), expected + " expected, not " + actual);

        public static void Equal(object expected, object actual) =>
            True(Equals(expected, actual), expected + " expected, not " + actual);

        public static void Equal(float[] expected, float[] actual) => Sequence(expected, actual);

        public static void Equal(double[] expected, double[] actual) => Sequence(expected, actual);

        public static void Equal(long[] expected, long[] actual) => Sequence(expected, actual);

        public static void Equal(byte[] expected, byte[] actual) => Sequence(expected, actual);

        public static void Equal(string[] expected, string[] actual) => Sequence(expected, actual);

        public static T Throws<T>(Action run)
            where T : Exception
        {
            try
            {
                run();
            }
            catch (T error) when (error.GetType() == typeof(T))
            {
                return error;
            }

            throw new AssertionException(typeof(T).Name + " expected");
        }

        private static void Sequence<T>(T[] expected, T[] actual) =>
            True(
                expected.SequenceEqual(actual),
                string.Join(" ", expected) + " expected, not " + string.Join(" ", actual));
    }

    internal static class Program
    {
        private static int Main()
        {
            int number = 0;
            int failed = 0;
            foreach (Type type in typeof(Program).Assembly.GetTypes().OrderBy(type => type.Name))
            {
                foreach (MethodInfo method in type.GetMethods())
                {
                    if (method.GetCustomAttribute<FactAttribute>() != null)
                    {
                        Exception error = Run(type, method);
                        failed += error != null ? 1 : 0;
                        Console.WriteLine(
                            (error != null ? "not ok " : "ok ") + ++number + " - " + type.Name + "." + method.Name);
                        if (error != null)
                        {
                            Console.WriteLine("# " + error.ToString().Replace("\n", "\n# "));
                        }
                    }
                }
            }

            Console.WriteLine("1.." + number);
            return failed == 0 ? 0 : 1;
        }

        private static Exception Run(Type type, MethodInfo method)
        {
            try
            {
                object test = Activator.CreateInstance(type);
                method.Invoke(test, null);
                return null;
            }
            catch (TargetInvocationException error)
            {
                return error.InnerException;
            }
        }
    }
}
