// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections;
using System.Collections.Generic;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Why a load reports a name.</summary>
    public enum LoadFindingKind
    {
        /// <summary>Attached, but not in the checkpoint.</summary>
        Missing = 1,

        /// <summary>In the checkpoint, but not attached.</summary>
        Unexpected = 2,

        /// <summary>In both, of another shape or element type.</summary>
        Mismatched = 3,
    }

    /// <summary>A name that did not fit.</summary>
    public sealed class LoadFinding
    {
        internal LoadFinding(LoadFindingKind kind, string name, string detail)
        {
            Kind = kind;
            Name = name;
            Detail = detail;
        }

        /// <summary>Why it is reported.</summary>
        public LoadFindingKind Kind { get; }

        /// <summary>Name of the array, such as "fc1.weight/exp_avg".</summary>
        public string Name { get; }

        /// <summary>A sentence about it.</summary>
        public string Detail { get; }

        /// <inheritdoc/>
        public override string ToString() => Kind + " " + Name + ": " + Detail;
    }

    /// <summary>Every name that did not fit in a load; empty if all did.</summary>
    public sealed class LoadReport : IReadOnlyList<LoadFinding>
    {
        private readonly LoadFinding[] findings;

        private LoadReport(LoadFinding[] findings)
        {
            this.findings = findings;
        }

        /// <summary>Number of names.</summary>
        public int Count => findings.Length;

        internal static LoadReport Empty { get; } = new LoadReport(Array.Empty<LoadFinding>());

        /// <summary>A name that did not fit.</summary>
        /// <param name="index">From 0 to <see cref="Count"/>, less 1.</param>
        /// <returns>What was found.</returns>
        public LoadFinding this[int index] => findings[index];

        /// <inheritdoc/>
        public IEnumerator<LoadFinding> GetEnumerator() =>
            ((IEnumerable<LoadFinding>)findings).GetEnumerator();

        /// <summary>All that did not fit.</summary>
        /// <returns>A line for each name.</returns>
        public override string ToString() =>
            Count == 0 ? "no name that does not fit" : string.Join(Environment.NewLine, (object[])findings);

        /// <inheritdoc/>
        IEnumerator IEnumerable.GetEnumerator() => findings.GetEnumerator();

        internal static LoadReport Of(LoadCall call)
        {
            LoadFinding[] findings = new LoadFinding[call.report_count()];
            for (int i = 0; i < findings.Length; ++i)
            {
                findings[i] = new LoadFinding(
                    (LoadFindingKind)call.report_kind(i), call.report_name(i), call.report_detail(i));
            }

            return new LoadReport(findings);
        }
    }
}
