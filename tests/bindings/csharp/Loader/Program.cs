// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt;

// Prints a line for each way into the library: what it throws, or "nothing".
internal static class Program
{
    private static void Main()
    {
        Tell("Optimizer", () => new Optimizer(new Adam()));
        Tell("Context", () => new Context());
        Tell("Schedule", () => new Schedule(ScheduleKinds.Cosine));
        Tell("Checkpoint", () => Checkpoint.Open(new byte[8]));
        Tell("Library", () => Library.Version.ToString());
    }

    private static void Tell(string name, Action enter)
    {
        string thrown = "nothing";
        try
        {
            enter();
        }
        catch (Exception error)
        {
            thrown = error.GetType().Name + ": " + error.Message.Replace('\n', ' ');
        }

        Console.WriteLine(name + ": " + thrown);
    }
}
