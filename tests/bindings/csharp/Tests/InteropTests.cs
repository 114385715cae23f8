// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using LibOpt;
using Xunit;

public class InteropTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance |
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // Ahead-of-time compilers allow native code to call only what they were told
    // of; native code is given nothing to call.
    [Fact]
    public void NoDelegateReachesNativeCode()
    {
        foreach (MethodInfo method in NativeMethods())
        {
            foreach (ParameterInfo parameter in method.GetParameters().Append(method.ReturnParameter))
            {
                Type type = parameter.ParameterType;
                type = type.IsByRef ? type.GetElementType() : type;
                bool allowed = type == typeof(void) || type.IsPrimitive || type == typeof(byte[]) ||
                    type == typeof(SafeHandle) || type == typeof(HandleRef);
                Assert.True(allowed, method.Name + " passes a " + type);
            }
        }
    }

    [Fact]
    public void OnlyTheLibraryOfTheBindingIsCalled()
    {
        MethodInfo[] methods = NativeMethods().ToArray();
        Assert.True(methods.Length > 50);
        foreach (MethodInfo method in methods)
        {
            Assert.Equal("opt_csharp", method.GetCustomAttribute<DllImportAttribute>().Value);
        }
    }

    [Fact]
    public void TheInteropIsInternal()
    {
        Assert.True(typeof(Optimizer).Assembly.GetExportedTypes().All(type => type.Namespace == "LibOpt"));
    }

    private static IEnumerable<MethodInfo> NativeMethods() =>
        typeof(Optimizer).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(All))
            .Where(method => (method.Attributes & MethodAttributes.PinvokeImpl) != 0);
}
