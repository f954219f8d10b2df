/** The gateway's answers, from /openapi.json: `python -m infra.dev.web_types` writes this file. */

export interface Accepted {
  readonly version: number;
  readonly hash: string;
}

export interface Account {
  readonly password_at: string | null;
  readonly factor_at: string | null;
  readonly codes: number;
  readonly devices: readonly (SignedInOn)[];
}

export interface Address {
  readonly email: string;
}

export interface Advanced {
  readonly sequence: number;
  readonly index: string;
}

export interface Audit {
  readonly items: readonly (AuditEntry)[];
  readonly next: number | null;
}

export interface AuditEntry {
  readonly sequence: number;
  readonly previous: string;
  readonly hash: string;
  readonly at: string;
  readonly event: string;
  readonly actor: string;
  readonly digest: string;
  readonly details: string | null;
}

export type BadRequestProblem = unknown;

export type BusyProblem = unknown;

export interface Certificate {
  readonly certificate: Envelope;
  readonly tombstones: readonly (Envelope)[];
  readonly evidence: Evidence;
  readonly leaves: string;
  readonly rosters: readonly (Envelope)[];
  readonly checks: readonly (Envelope)[];
}

export interface CertificateChecks {
  readonly checks: readonly (Envelope)[];
}

export interface Chains {
  readonly rosters: Rosters;
  readonly policies: Policies;
  readonly ledger: Ledger;
  readonly checkpoints: Checkpoints;
  readonly repairs: Repairs;
}

export type ChangedOftenProblem = unknown;

export interface Changes {
  readonly marks: { readonly [name: string]: unknown };
  readonly rows: readonly (readonly (unknown)[])[];
  readonly whole: readonly (ListedDossier)[];
  readonly more: boolean;
}

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly advice: string;
}

export interface Checkpoints {
  readonly items: readonly (Envelope)[];
  readonly next: number | null;
}

export interface ClockState {
  readonly now: string;
  readonly last: string | null;
}

export interface ClockWord {
  readonly at: string;
}

export type ClockWrongProblem = unknown;

export type CodeSpentProblem = unknown;

export type CodeWrongProblem = unknown;

export type ConfirmWrongProblem = unknown;

export type ConflictProblem = unknown;

export type ConsentRequiredProblem = unknown;

export interface Contents {
  readonly dossier: WholeDossier;
  readonly leaves: Leaves;
  readonly documents: Documents;
  readonly records: Records;
}

export interface CoverEntry {
  readonly document: string;
  readonly entry: string;
}

export interface CoverMode {
  readonly mode: string;
}

export type CredentialsWrongProblem = unknown;

export interface Deposited {
  readonly document: string;
  readonly state: DocumentState;
  readonly index?: string | null;
}

export type DigestMismatchProblem = unknown;

export type DocumentPart = "record" | "head" | "metadata" | "key";

export type DocumentState = "depositing" | "pending" | "stored";

export interface Documents {
  readonly items: readonly (ListedDocument)[];
  readonly next: string | null;
}

export type DossierPart = "record" | "index" | "profile" | "wrap" | "symmetric" | "key";

export interface Dossiers {
  readonly items: readonly (ListedDossier)[];
  readonly next: string | null;
}

export interface EndDevices {
  readonly device?: string | null;
  readonly member?: string | null;
  readonly login: string;
}

export interface Envelope {
  readonly record: string;
  readonly signatures: readonly ({ readonly [name: string]: unknown })[];
}

export type EpochIncompleteProblem = unknown;

export type EpochStaleProblem = unknown;

export interface Erasure {
  readonly erasure: string;
  readonly dossier: string;
  readonly documents: readonly (string)[];
  readonly reason: string;
  readonly state: ErasureState;
  readonly requested_at: string;
  readonly not_before: string;
  readonly shredded_at: string | null;
  readonly verified_at: string | null;
}

export type ErasureState = "requested" | "fenced" | "shredded" | "removed" | "verified" | "certified" | "withdrawn";

export interface Evidence {
  readonly request: Envelope | null;
  readonly heads: readonly (Envelope)[];
  readonly trajectories: readonly (Envelope)[];
  readonly policies: readonly (Envelope)[];
}

export type FailedProblem = unknown;

export interface Former {
  readonly at: string;
  readonly password_at: string | null;
  readonly factor_at: string | null;
}

export interface Formers {
  readonly items: readonly (Former)[];
}

export interface GiveBack {
  readonly at: string;
  readonly proof: Proof;
}

export interface HasJoined {
  readonly member: string;
}

export type HeadDiffersProblem = unknown;

export interface Heads {
  readonly items: readonly (Envelope)[];
  readonly next?: null;
}

export interface Health {
  readonly status: "ok";
  readonly clock_offset: string;
}

export interface InclusionProof {
  readonly position: number;
  readonly path: string;
}

export type IndexStaleProblem = unknown;

export interface Indexes {
  readonly items: readonly (Envelope)[];
  readonly next: number | null;
}

export interface InstallationKeys {
  readonly ledger: string;
  readonly checkpoint: string;
  readonly attest: string;
}

export type IntegrityProblem = unknown;

export type InvalidProblem = unknown;

export interface Invitations {
  readonly items: readonly (WaitingInvitation)[];
}

export interface Invited {
  readonly expires_at: string;
  readonly rosters: Rosters;
  readonly policies: Policies;
}

export interface Join {
  readonly possess: string;
  readonly member: MemberDetails;
  readonly signing: string;
  readonly mac: string;
  readonly parameters: Parameters;
  readonly login: string;
  readonly keyring: string;
  readonly lock: string;
  readonly totp: string;
  readonly code: string;
}

export interface JoinedMember {
  readonly member: MemberDetails;
  readonly signing: string;
  readonly mac: string;
}

export interface Kept {
  readonly hash: string;
}

export interface Known {
  readonly marks: { readonly [name: string]: unknown };
}

export interface Laid {
  readonly staged: number;
}

export interface Leaves {
  readonly index: Envelope | null;
  readonly leaves: string;
}

export interface Ledger {
  readonly items: readonly (Envelope)[];
  readonly next: number | null;
}

export interface LedgerEntry {
  readonly tombstone: Envelope;
  readonly evidence: Evidence | null;
}

export type LengthRequiredProblem = unknown;

export type LimitProblem = unknown;

export type LinkUnavailableProblem = unknown;

export interface ListedDocument {
  readonly document: string;
  readonly hash: string;
  readonly record: Envelope | null;
  readonly head: string | null;
  readonly metadata: string | null;
  readonly state: DocumentState;
  readonly damaged: readonly (DocumentPart)[];
}

export interface ListedDossier {
  readonly dossier: string;
  readonly epoch: number;
  readonly kind: string;
  readonly head: Envelope | null;
  readonly wrap: string | null;
  readonly symmetric: string | null;
  readonly profile: Profile;
  readonly sequence: number;
  readonly index: string;
  readonly retention: Retention;
  readonly damaged: readonly (DossierPart)[];
}

export interface ListedRecord {
  readonly hash: string;
  readonly type: string;
  readonly record: Envelope | null;
  readonly text: string | null;
  readonly state: RecordState;
  readonly damaged: readonly (RecordPart)[];
}

export interface ListedSegment {
  readonly number: number;
  readonly size: number;
  readonly sha256: string;
}

export interface ListedShare {
  readonly share: string;
  readonly record: Envelope | null;
  readonly text: string | null;
  readonly state: ShareState;
  readonly used: number;
  readonly revoked_at: string | null;
  readonly pickups: readonly (Pickup)[];
  readonly damaged: readonly (SharePart)[];
}

export interface Look {
  readonly possess: string;
  readonly roster?: number;
  readonly policy?: number;
}

export interface MadeInvitation {
  readonly invitation: string;
  readonly expires_at: string;
}

export interface Member {
  readonly id: string;
  readonly details: MemberDetails | null;
  readonly devices: number | null;
  readonly seen_at: string | null;
}

export interface MemberDetails {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly recipient: string;
  readonly salt: string;
}

export interface Members {
  readonly items: readonly (Member)[];
}

export type MethodNotAllowedProblem = unknown;

export interface NewCheck {
  readonly check: Envelope;
}

export interface NewDossier {
  readonly dossier: Envelope;
  readonly wraps: readonly (NewWrap)[];
  readonly records: readonly (NewRecord)[];
  readonly index: Envelope;
}

export interface NewEntry {
  readonly document: string;
  readonly entry: string;
  readonly capsule: string;
}

export interface NewErasure {
  readonly erasure: Envelope;
}

export interface NewHead {
  readonly documents?: readonly (RewrappedDocument)[];
  readonly texts?: readonly (RewrappedText)[];
  readonly dossier: Envelope;
  readonly wraps: readonly (NewWrap)[];
  readonly index: Envelope;
}

export interface NewIndex {
  readonly index: Envelope;
}

export interface NewInvitation {
  readonly invitation: string;
  readonly possess: string;
  readonly sealed: string;
  readonly expires_at: string;
}

export interface NewKeyring {
  readonly proof: Proof;
  readonly keyring?: string | null;
  readonly lock?: string | null;
  readonly recovery?: string | null;
  readonly parameters?: Parameters | null;
  readonly login?: string | null;
  readonly totp?: string | null;
  readonly confirm?: string | null;
  readonly codes?: readonly (string)[] | null;
}

export interface NewPolicy {
  readonly policy: Envelope;
}

export interface NewRecord {
  readonly type: "profile" | "trajectory";
  readonly record: Envelope;
  readonly text?: string | null;
}

export interface NewRecords {
  readonly records: readonly (NewRecord)[];
  readonly index: Envelope;
}

export interface NewRepair {
  readonly repair: Envelope;
}

export interface NewRestoration {
  readonly restoration: Envelope;
}

export interface NewRoster {
  readonly roster: Envelope;
  readonly members: readonly (MemberDetails)[];
  readonly sheet?: NewSheet | null;
  readonly invitation?: string | null;
}

export interface NewShare {
  readonly share: Envelope;
  readonly text: string;
  readonly cover: string;
  readonly entries: readonly (NewEntry)[];
  readonly index: Envelope;
}

export interface NewSheet {
  readonly login: string;
  readonly lock: string;
}

export interface NewWrap {
  readonly member: string;
  readonly wrap: string;
  readonly symmetric?: string | null;
}

export interface NewestCheckpoint {
  readonly checkpoint: Envelope;
  readonly leaves: string;
}

export type NotAllowedProblem = unknown;

export type NotFoundProblem = unknown;

export interface Opened {
  readonly dossier: string;
}

export interface OpenedCover {
  readonly mode: string;
  readonly cover: string;
  readonly entries: readonly (CoverEntry)[];
  readonly expires_at: string;
  readonly left: number;
}

export type OriginWrongProblem = unknown;

export interface OwnWrap {
  readonly dossier: string;
  readonly epoch: number;
  readonly symmetric?: string | null;
  readonly label?: string | null;
  readonly index?: string | null;
}

export interface OwnWraps {
  readonly items: readonly (OwnWrap)[];
}

export interface Parameters {
  readonly algorithm: "argon2id";
  readonly lanes: number;
  readonly memory: number;
  readonly passes: number;
  readonly salt: string;
}

export type PassphraseWrongProblem = unknown;

export interface Pickup {
  readonly started_at: string;
  readonly last_at: string;
  readonly finished_at: string | null;
}

export interface Policies {
  readonly items: readonly (Envelope)[];
  readonly next: number | null;
}

export interface Practice {
  readonly name: string;
  readonly colour: string | null;
  readonly logo: string | null;
  readonly trial: boolean;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly advice: string;
  readonly instance?: string;
}

export type ProblemCode = "bad_request" | "busy" | "changed_often" | "clock_wrong" | "code_spent" | "code_wrong" | "confirm_wrong" | "conflict" | "consent_required" | "credentials_wrong" | "digest_mismatch" | "epoch_incomplete" | "epoch_stale" | "failed" | "head_differs" | "index_stale" | "integrity" | "invalid" | "length_required" | "limit" | "link_unavailable" | "method_not_allowed" | "not_allowed" | "not_found" | "origin_wrong" | "passphrase_wrong" | "range_unsatisfiable" | "record_invalid" | "record_left_out" | "record_unknown" | "restored" | "root_differs" | "roster_invalid" | "seen_more" | "segments_missing" | "setup_done" | "setup_open" | "sign_in" | "signature_invalid" | "software_old" | "state" | "timeout" | "token_wrong" | "too_large" | "too_many" | "unavailable" | "unsupported_type";

export interface Profile {
  readonly record: Envelope | null;
  readonly text: string | null;
}

export interface Proof {
  readonly login?: string | null;
  readonly code?: string | null;
  readonly recovery_login?: string | null;
}

export interface ProvenDocument {
  readonly document: ListedDocument;
  readonly index: Envelope;
  readonly proof: InclusionProof | null;
}

export interface PutBackStore {
  readonly store: "records" | "keystore" | "objects";
  readonly has: number;
  readonly seen: number;
}

export type RangeUnsatisfiableProblem = unknown;

export interface Readiness {
  readonly status: "ready" | "unready" | "restored";
  readonly checks: readonly (Check)[];
}

export type RecordInvalidProblem = unknown;

export type RecordLeftOutProblem = unknown;

export type RecordPart = "record" | "text" | "key";

export type RecordState = "pending" | "current" | "retired";

export type RecordUnknownProblem = unknown;

export interface Records {
  readonly items: readonly (ListedRecord)[];
  readonly next: string | null;
}

export interface Recovered {
  readonly token: string;
  readonly member: string;
  readonly practice: string;
  readonly keyring: string;
  readonly recovery: string;
  readonly expires_at: string;
  readonly public_url: string;
}

export interface Recovery {
  readonly email: string;
  readonly recovery_login: string;
  readonly device?: string;
  readonly known_device?: string | null;
}

export interface Released {
  readonly capsules: readonly (ReleasedCapsule)[];
  readonly resume_until: string;
}

export interface ReleasedCapsule {
  readonly document: string;
  readonly capsule: string;
}

export interface Repairs {
  readonly items: readonly (Envelope)[];
}

export interface Requested {
  readonly erasure: string;
  readonly state: ErasureState;
  readonly not_before: string;
}

export interface RestorationState {
  readonly stores: readonly (PutBackStore)[];
  readonly kept: readonly (string)[];
}

export type RestoredProblem = unknown;

export interface Resuming {
  readonly name?: string | null;
}

export interface Retention {
  readonly destroy_on: string | null;
}

export interface RewrappedDocument {
  readonly document: string;
  readonly head: string | null;
  readonly metadata: string | null;
}

export interface RewrappedText {
  readonly record: string;
  readonly text: string | null;
}

export type RootDiffersProblem = unknown;

export type RosterInvalidProblem = unknown;

export interface Rosters {
  readonly items: readonly (Envelope)[];
  readonly next: number | null;
}

export interface SealedKeyring {
  readonly keyring: string;
  readonly lock: string;
  readonly parameters: Parameters;
}

export interface Seen {
  readonly roster?: number;
  readonly ledger?: number;
  readonly checkpoint?: number;
}

export type SeenMoreProblem = unknown;

export interface Segments {
  readonly items: readonly (ListedSegment)[];
  readonly next?: null;
}

export type SegmentsMissingProblem = unknown;

export interface Setup {
  readonly token: string;
  readonly roster: Envelope;
  readonly policy: Envelope;
  readonly member: MemberDetails;
  readonly parameters: Parameters;
  readonly login: string;
  readonly keyring: string;
  readonly lock: string;
  readonly recovery: string;
  readonly recovery_login: string;
  readonly totp: string;
  readonly code: string;
}

export interface SetupDone {
  readonly practice: string;
  readonly member: string;
}

export type SetupDoneProblem = unknown;

export type SetupOpenProblem = unknown;

export interface SetupState {
  readonly state: "open" | "done";
  readonly installations: InstallationKeys;
  readonly public_url: string;
}

export type SharePart = "record" | "text" | "key";

export type ShareState = "open" | "expired" | "revoked" | "used_up";

export interface Shared {
  readonly share: string;
  readonly expires_at: string;
  readonly index: string | null;
}

export interface Shares {
  readonly items: readonly (ListedShare)[];
  readonly next: string | null;
}

export interface ShownBefore {
  readonly checkpoint?: Envelope | null;
  readonly tombstones: readonly (LedgerEntry)[];
}

export interface SignIn {
  readonly email: string;
  readonly login: string;
  readonly code: string;
  readonly seen?: Seen;
  readonly cookie?: boolean;
  readonly device?: string;
  readonly known_device?: string | null;
}

export type SignInProblem = unknown;

export type SignatureInvalidProblem = unknown;

export interface SignedIn {
  readonly token: string | null;
  readonly member: string;
  readonly practice: string;
  readonly expires_at: string;
  readonly public_url: string;
  readonly known_device: string;
  readonly codes_left: number | null;
}

export interface SignedInOn {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly since: string;
  readonly last_use: string;
  readonly this: boolean;
}

export type SoftwareOldProblem = unknown;

export interface Staged {
  readonly documents?: readonly (RewrappedDocument)[];
  readonly texts?: readonly (RewrappedText)[];
  readonly identity: string;
}

export type StateProblem = unknown;

export type TimeoutProblem = unknown;

export type TokenWrongProblem = unknown;

export interface Tombstones {
  readonly items: readonly (LedgerEntry)[];
  readonly next: number | null;
}

export type TooLargeProblem = unknown;

export type TooManyProblem = unknown;

export type UnavailableProblem = unknown;

export interface Undecided {
  readonly frozen: boolean;
}

export type UnsupportedTypeProblem = unknown;

export interface Updated {
  readonly updated: number;
}

export interface WaitingInvitation {
  readonly invitation: string;
  readonly inviter: string;
  readonly sealed: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly joined_at: string | null;
  readonly joined: JoinedMember | null;
}

export interface WholeDossier {
  readonly dossier: string;
  readonly kind: string;
  readonly heads: readonly (Envelope)[];
  readonly index: Envelope | null;
  readonly sequence: number;
  readonly wrap: string | null;
  readonly symmetric: string | null;
  readonly epoch: number;
  readonly profile: Profile;
  readonly proof: InclusionProof | null;
  readonly retention: Retention;
  readonly damaged: readonly (DossierPart)[];
}

export interface Withdrawal {
  readonly withdrawal: Envelope;
}
