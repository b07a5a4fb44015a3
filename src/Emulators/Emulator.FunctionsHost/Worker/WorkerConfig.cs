using System.Text.Json;

namespace Emulator.FunctionsHost.Worker;

/// <summary>How an app's worker is started, from the <c>worker.config.json</c> that the Worker SDK puts beside the app.</summary>
/// <param name="Executable">As written: <c>dotnet</c>, or a file relative to the folder.</param>
/// <param name="Assembly">Path of the app's assembly, relative to the folder.</param>
internal sealed record WorkerConfig(string Folder, string Executable, string Assembly, IReadOnlyList<string> Arguments)
{
    public const string FileName = "worker.config.json";

    private const string Language = "dotnet-isolated";
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <returns>Null after adding what is wrong.</returns>
    public static WorkerConfig? Read(string folder, ICollection<string> errors)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            return Parse(document.RootElement, folder, path, errors);
        }
        catch (JsonException exception)
        {
            errors.Add($"{path}: not valid JSON at line {exception.LineNumber + 1}: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{path}: expected the file that the Worker SDK writes when it builds a function app: {exception.Message}");
        }

        return null;
    }

    private static WorkerConfig? Parse(JsonElement root, string folder, string path, ICollection<string> errors)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("description", out var description)
            || description.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{path}: expected an object with the object 'description'.");
            return null;
        }

        if (Text(description, "language") is not Language)
        {
            errors.Add($"{path}: language must be {Language}, but it is '{Text(description, "language")}': this host runs no other.");
            return null;
        }

        if (Text(description, "defaultExecutablePath") is not { Length: > 0 } executable
            || Text(description, "defaultWorkerPath") is not { Length: > 0 } assembly)
        {
            errors.Add($"{path}: description needs defaultExecutablePath and defaultWorkerPath.");
            return null;
        }

        if (!File.Exists(Path.Combine(folder, assembly)))
        {
            errors.Add($"{path}: defaultWorkerPath names {assembly}, which is not there. Build the app.");
            return null;
        }

        var arguments = description.TryGetProperty("arguments", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).ToArray()
            : [];
        return new WorkerConfig(folder, executable, assembly, arguments);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
